"""`python -m codestral_ls`."""

import sys

from codestral_ls.cli import main

sys.exit(main())
