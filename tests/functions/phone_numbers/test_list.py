"""functions/phone_numbers/list"""

def test_x(bundle, organization):
    answer = bundle.get("/api/v1/settings/phone-numbers", organization.agent)
    print(answer)
    assert answer.json == {"success": True, "data": [], "count": 0}
