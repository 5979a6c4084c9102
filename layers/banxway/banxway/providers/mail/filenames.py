"""An attachment's name, by the one rule for names that come in by mail or by upload."""

from banxway.models.filenames import safe_filename as safe_filename
