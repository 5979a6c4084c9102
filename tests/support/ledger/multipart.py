"""Writes multipart/form-data as Exotel's default callback does."""


def multipart(fields: dict[str, str], boundary: str = "----exotel42") -> tuple[bytes, str]:
    """Return the body and its content type."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return "".join([*parts, f"--{boundary}--\r\n"]).encode(), f"multipart/form-data; boundary={boundary}"
