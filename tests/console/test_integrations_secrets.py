"""A secret that was typed is in nothing that outlives its form: searched wherever a browser keeps things."""

import json

from playwright.sync_api import expect

from tests.support.browser.integration_page import IntegrationPage
from tests.support.browser.sent import record, sent

PHONE = "/settings/integrations/exotel_phone"
# What a page can keep for later, as one text; the page itself, with its fields, comes last.
_KEPT = """async () => {
  const databases = await indexedDB.databases();
  const caches_ = await caches.keys();
  // What a field holds is also its attribute; it counts as the field.
  const page = document.documentElement.cloneNode(true);
  for (const field of page.querySelectorAll('input')) field.removeAttribute('value');
  const fields = [...document.querySelectorAll('input, textarea')].map(field => field.value);
  return JSON.stringify({
    local: {...localStorage}, session: {...sessionStorage}, databases, caches: caches_,
    cookies: document.cookie, url: location.href, history: history.state, name: window.name,
    fields, page: page.outerHTML,
  });
}"""
# The cache of queries hangs in React's tree: walk it from the root, and collect every query's key and data.
_QUERIES = """() => {
  const root = document.querySelector('#root');
  const container = root[Object.keys(root).find(name => name.startsWith('__reactContainer$'))];
  const waiting = [container], found = [];
  while (waiting.length) {
    const fiber = waiting.pop();
    if (!fiber) continue;
    const client = fiber.memoizedProps?.client;
    if (client?.getQueryCache) {
      for (const query of client.getQueryCache().getAll()) found.push([query.queryKey, query.state]);
      for (const change of client.getMutationCache().getAll()) found.push([change.options, change.state]);
      return JSON.stringify(found);
    }
    waiting.push(fiber.sibling, fiber.child);
  }
  return null;
}"""


def test_a_typed_secret_is_gone_once_it_is_saved(screen, company):
    said = []
    screen.page.on("console", lambda message: said.append(message.text))
    secrets = [company.exotel.credentials[name] for name in ("api_key", "api_token")]
    phone = IntegrationPage(screen, company, "phone")
    record(screen.page)
    phone.fill_in()
    phone.test()
    phone.save()
    expect(phone.badge).to_contain_text("Active")
    expect(phone.field("API Token")).to_have_value("")
    until_saved = sent(screen.page)
    assert all(secret in json.dumps(until_saved) for secret in secrets), "the search has found no body"

    screen.open("/settings/integrations?tab=whatsapp")
    screen.open("/settings/integrations?tab=phone")
    phone.field("Display Name").fill("Main Line")
    phone.save()
    expect(screen.page.get_by_role("heading", name="Main Line")).to_be_visible()

    queries = screen.page.evaluate(_QUERIES)
    assert queries is not None
    assert "exotel_phone" in queries, "the search has found no query"
    places = {
        "queries": queries,
        "kept": screen.page.evaluate(_KEPT),
        "console": json.dumps(said),
        "later requests": json.dumps(sent(screen.page)[len(until_saved) :]),
        "addresses": "\n".join(request.url for request in screen.watch.requests),
    }
    assert "Main Line" in places["later requests"]
    assert [(name, secret) for name, text in places.items() for secret in secrets if secret in text] == []


def test_a_secret_of_a_failed_test_is_in_its_field_only(screen, company):
    phone = IntegrationPage(screen, company, "phone")
    phone.fill_in(API_Token="a-token-that-is-wrong")
    phone.test()

    expect(phone.field("API Token")).to_have_value("a-token-that-is-wrong")
    kept = json.loads(screen.page.evaluate(_KEPT))
    fields, rest = kept.pop("fields"), kept
    assert fields.count("a-token-that-is-wrong") == 1
    assert "a-token-that-is-wrong" not in json.dumps(rest)
    assert "a-token-that-is-wrong" not in screen.page.evaluate(_QUERIES)


def test_revealed_credentials_are_asked_for_audited_hidden_again_and_in_no_cache(screen, company):
    company.admin.ask(PHONE, {**company.exotel.credentials, "virtual_number": company.exotel.virtual_number})
    IntegrationPage(screen, company, "phone")
    page = screen.page
    page.clock.install()
    page.get_by_role("button", name="Reveal credentials").click()
    dialog = page.get_by_role("dialog", name="Show the stored credentials?")
    expect(dialog).to_contain_text("The audit log records that you looked")
    dialog.get_by_role("button", name="Show them").click()

    token = page.get_by_text(company.exotel.credentials["api_token"], exact=True)
    expect(token).to_be_visible()
    assert company.exotel.credentials["api_token"] not in page.evaluate(_QUERIES)
    assert len(company.admin.read("/settings/audit-logs?action=credentials.read")) == 1
    screen.is_right("integrations-revealed")

    page.clock.run_for(31_000)

    expect(token).to_have_count(0)
    expect(page.get_by_role("button", name="Reveal credentials")).to_be_visible()
