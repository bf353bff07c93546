"""Studies: read from TOML, measured on images or on fields (synthetic street problems), recorded.

In the order of a run: ``study_file`` reads a ``study``; ``image_problems`` or ``field_problems`` plans its
records and measures them; ``runner`` keeps the clean ones in ``records``, a file with a ``record`` a line.

For images: ``worker_pool`` merges each of them in processes, ``image_results`` keeps the results one by one,
``variant_scores`` scores them, ``image_records`` makes the records. For fields: ``field_methods`` are timed
in ``field_rounds``, ``field_records`` makes the records. ``keys`` and ``source_digests`` say what decides a
result. For ``score``: ``study_folder`` reads what a study found, ``scored_predictions`` scores it.
"""
