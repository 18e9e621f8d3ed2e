"""A delivery status notification as a program reads it: RFC 3461 to 3464, with Python's own parser of mail."""

import email
import email.policy
import email.utils


class MalformedReport(AssertionError):
    pass


def _expect(condition, what, text):
    if not condition:
        raise MalformedReport(f"{what}:\n{text}")


class RecipientFields:
    """One group of fields about one recipient; a field that is not there is None."""

    def __init__(self, fields, text):
        for name, values in ((name, fields.get_all(name)) for name in set(fields.keys())):
            _expect(len(values) == 1, f"{name} more than once for one recipient", text)
        self.text = str(fields)
        kind, _, address = (fields["Final-Recipient"] or "").partition(";")
        _expect(kind.strip().lower() == "rfc822", "Final-Recipient without rfc822", text)
        self.address = address.strip()
        self.action, self.status = fields["Action"], fields["Status"]
        self.original = fields["Original-Recipient"]
        self.remote = fields["Remote-MTA"]
        self.diagnostic = None if fields["Diagnostic-Code"] is None else " ".join(fields["Diagnostic-Code"].split())
        self.last_attempt = self._date(fields, "Last-Attempt-Date", text)
        self.retried_until = self._date(fields, "Will-Retry-Until", text)

    @staticmethod
    def _date(fields, name, text):
        if fields[name] is None:
            return None
        try:
            return email.utils.parsedate_to_datetime(fields[name])
        except ValueError as error:
            raise MalformedReport(f"{name}: {error}\n{text}") from error


class DeliveryReport:
    """Raises MalformedReport if the bytes are none: three parts, the fields that RFC 3464 2 requires, nobody to answer."""

    def __init__(self, data):
        text = data.decode("utf-8", "replace")
        message = email.message_from_bytes(data, policy=email.policy.compat32)
        _expect(message.get_content_type() == "multipart/report", "no multipart/report", text)
        _expect(message.get_param("report-type") == "delivery-status", "no report of type delivery-status", text)
        _expect(message["Return-Path"] == "<>", "a reverse-path that is not null (RFC 3461 6.1)", text)
        _expect((message["Auto-Submitted"] or "").startswith("auto-"), "no Auto-Submitted (RFC 3834)", text)
        parts = message.get_payload()
        _expect(len(parts) == 3, f"{len(parts)} parts", text)
        _expect([each.get_content_type() for each in parts[:2]] == ["text/plain", "message/delivery-status"],
                "other parts than a letter and the fields", text)
        self.to = email.utils.parseaddr(message["To"])[1]
        self.letter = parts[0].get_payload(decode=True).decode("ascii")
        # Whatever ends the part may stand behind the last group.
        whole, *groups = [each for each in parts[1].get_payload() if each.keys()]
        _expect((whole["Reporting-MTA"] or "").startswith("dns;"), "no Reporting-MTA", text)
        self.reporting = whole["Reporting-MTA"].partition(";")[2].strip()
        self.envelope_id = whole["Original-Envelope-Id"]
        _expect(groups, "no recipient", text)
        self.recipients = [RecipientFields(each, text) for each in groups]
        self.quoted_type = parts[2].get_content_type()
        _expect(self.quoted_type in ("message/rfc822", "text/rfc822-headers"), f"quotes as {self.quoted_type}", text)
        quoted = parts[2].get_payload()
        self.quoted = quoted if isinstance(quoted, str) else quoted[0].as_string()
