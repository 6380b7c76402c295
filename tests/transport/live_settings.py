"""The test settings with every logger at its most talkative, to see what reaches a log."""

from cms.settings.test import *  # noqa: F403 - Django's way to layer settings

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "formatters": {},
    "root": {"handlers": ["console"], "level": "DEBUG"},
}
