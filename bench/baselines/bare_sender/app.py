"""The minimum that puts a request's body on a queue: boto3, one client, one message, no checks."""

import os

import boto3

sqs = boto3.client("sqs")


def handler(event, _context):
    sqs.send_message(QueueUrl=os.environ["WEBHOOK_QUEUE_URL"], MessageBody=event["body"])
    return {"statusCode": 200, "body": "{}"}
