"""The minimal Powertools function: one route, one word."""

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

app = APIGatewayHttpResolver()


@app.get("/api/v1/settings/phone-numbers")
def say_hello():
    return {"hello": "world"}


def handler(event, context):
    return app.resolve(event, context)
