"""An S3-compatible store on loopback: moto's server, in this process."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import httpx
from moto.server import ThreadedMotoServer

# moto takes any; without some, boto3 asks the machine it runs on.
KEYS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "not-a-secret"}
NAME = "media"
# As docs/deploying.md has it: visitors read renditions, and nothing else without a signature.
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{NAME}/images/*",
        }
    ],
}


class Bucket:
    """A bucket, and the environment that a site finds it in."""

    def __init__(self, endpoint: str) -> None:
        self.environment = {
            "S3_BUCKET": NAME,
            "S3_REGION": "eu-central-1",
            "S3_ENDPOINT_URL": endpoint,
            "S3_PUBLIC_URL": f"{endpoint}/{NAME}",
            "S3_ADDRESSING_STYLE": "path",
        }
        self.client: Any = boto3.client(
            "s3",
            region_name="eu-central-1",
            endpoint_url=endpoint,
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )

    def names(self) -> set[str]:
        """The keys of all objects."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=NAME)
        return {item["Key"] for page in pages for item in page.get("Contents", ())}


@contextmanager
def s3_server() -> Iterator[Bucket]:
    """A running server with one empty bucket."""
    # It logs each request.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        bucket = Bucket(f"http://{host}:{port}")
        # What an earlier server of this process held is still there.
        httpx.post(
            f"http://{host}:{port}/moto-api/reset", trust_env=False, timeout=60
        ).raise_for_status()
        place = {"LocationConstraint": "eu-central-1"}
        bucket.client.create_bucket(Bucket=NAME, CreateBucketConfiguration=place)
        bucket.client.put_bucket_policy(Bucket=NAME, Policy=json.dumps(POLICY))
        yield bucket
    finally:
        server.stop()
