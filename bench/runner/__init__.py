"""Runs studies: reads them from TOML, measures methods on images or on synthetic fields, and writes records.

A run takes these steps. ``study_file`` reads a ``study``. ``image_problems`` or ``field_problems`` plans the
records of the study and measures them. ``runner`` appends the records without errors to a file
(``records``), which has one ``record`` in each line.

Images: ``worker_pool`` merges each image in worker processes. ``image_results`` saves the result of each
image. ``variant_scores`` computes the scores. ``image_records`` makes the records.

Fields: ``field_methods`` lists the methods. ``field_rounds`` times them. ``field_records`` makes the records.

``study_keys`` and ``input_digests`` compute digests of all inputs of a result: a result is measured again if
such a digest has changed. ``study_folder`` and ``scored_predictions`` are for ``python -m bench score``.
"""
