"""``python -m ecsstep`` is the umbrella command."""

import sys

from ecsstep.cli import main

sys.exit(main())
