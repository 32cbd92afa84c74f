"""`python -m forecaster` is the same as `forecast`."""

from forecaster.cli.app import main

if __name__ == "__main__":
    main()
