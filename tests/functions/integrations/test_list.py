"""Listing integrations."""

from tests.support.product.stories import BODIES, configure

PATH = "/api/v1/settings/integrations"


def test_without_any_the_list_is_empty(bundle, organization):
    assert bundle.get(PATH, organization.agent).json == {"success": True, "data": [], "count": 0}


def test_every_integration_is_listed_and_counted(bundle, organization):
    phone = configure(bundle, organization.admin, "exotel_phone")
    whatsapp = configure(bundle, organization.admin, "exotel_whatsapp")

    answer = bundle.get(PATH, organization.agent)

    assert answer.json["count"] == 2
    assert [each["id"] for each in answer.data] == [phone["id"], whatsapp["id"]]
    assert not {"credentials", "credentials_encrypted", "api_key"} & {*answer.data[0], *answer.data[1]}


def test_another_organizations_integrations_are_not_listed(bundle, organization):
    other = bundle.database.add_organization("Other")
    configure(bundle, other.admin, "exotel_phone")

    assert bundle.get(PATH, organization.admin).data == []


def test_all_four_types_are_listed_with_badge_and_last_verification(bundle, organization):
    for kind in BODIES:
        configure(bundle, organization.admin, kind)
    bundle.database.rows(
        "UPDATE integration_credentials SET is_verified = false"
        " WHERE organization_id = %s AND integration_type = 'exotel_sms'",
        (organization.id,),
    )

    listed = bundle.get(PATH, organization.agent).data

    badges = {each["integration_type"]: (each["status"], each["phone_number_count"]) for each in listed}
    assert badges == {
        "exotel_phone": ("Active", 1),
        "exotel_sms": ("Unverified", 0),
        "exotel_whatsapp": ("Active", 0),
        "zoho_mail": ("Active", 0),
    }
    assert all(each["last_verified_at"] for each in listed)


def test_what_a_user_may_not_view_is_neither_listed_nor_shown_to_them(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    configure(bundle, organization.admin, "exotel_whatsapp")
    bundle.database.rows(
        """INSERT INTO user_integration_permissions
               (id, organization_id, user_id, integration_type, can_view)
           VALUES (gen_random_uuid(), %s, %s, 'exotel_phone', false)
           ON CONFLICT (organization_id, user_id, integration_type) DO UPDATE SET can_view = false""",
        (organization.id, organization.agent),
    )

    def seen_by(user):
        listed = [each["integration_type"] for each in bundle.get(PATH, user).data]
        return listed, bundle.get(f"{PATH}/exotel_phone", user).status

    assert seen_by(organization.agent) == (["exotel_whatsapp"], 404)
    assert seen_by(organization.manager) == (["exotel_phone", "exotel_whatsapp"], 200)
