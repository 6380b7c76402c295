"""Where a larger site keeps its media: a bucket, asked with patience that suits a call."""

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage

# A call waits for its files at most this long per attempt, instead of boto3's minute.
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 3, 20, 3


class MediaStorage(S3Storage):
    """S3 by django-storages. Its options stay plain values: Wagtail hands them to tasks as JSON."""

    client_config: Any

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.client_config = self.client_config.merge(
            Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            )
        )
