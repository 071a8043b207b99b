"""Files of a course as data: folders, Markdown, commands of a shell, YAML, programs. Nothing here judges."""
