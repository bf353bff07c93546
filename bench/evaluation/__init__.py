"""Scores predicted instances: average precision (AP) and other measures."""
