import pytest

from headrace.client import secrets

NOT_SECRET = [
    ("max_tokens", "512"), ("pad_token", "<pad>"), ("eos_token", "</s>"), ("num_keys", "3"),
    ("tokenizer", "bert-base-uncased"), ("password_length", "12"), ("key", "value"),
    ("monkey", "business"), ("api_key", "None"), ("hub_token", "None"), ("secret", "false"),
    ("learning_rate", "0.1"), ("url", "https://example.com/a:b@c"), ("path", "s3://bucket/a@b"),
    ("primary_key", "id"), ("sort_key", "name"), ("note", "risk-based learning of keys"),
]  # fmt: skip
SECRET_NAMES = [
    "password", "db_password", "DB_PASSWORD", "userPassword", "api_key", "apiKey", "openai-api-key",
    "aws_secret_access_key", "access_key_id", "client_secret", "hub_token", "hf.token", "env/API_TOKEN",
    "token", "args.auth_token", "credentials", "private_key", "storage_account_key",
]  # fmt: skip
SECRET_TEXTS = [
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "a1B2" * 12,
    "glpat-" + "x" * 20,
    "hf_" + "aB3" * 12,
    "sk-" + "proj1" * 6,
    "xoxb-12345678901-abcdef",
    "Bearer abcdef0123456789abcdef",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_value_whose_name_says_secret_is_masked(name: str) -> None:
    assert secrets.masked(name, "correct horse") == "***"


@pytest.mark.parametrize(("name", "value"), NOT_SECRET)
def test_what_only_looks_like_it_is_left_alone(name: str, value: str) -> None:
    assert secrets.masked(name, value) == value


@pytest.mark.parametrize("text", SECRET_TEXTS)
def test_a_text_that_is_spelled_like_a_secret_is_masked_wherever_it_stands(text: str) -> None:
    assert secrets.masked("note", f"see {text}, there") == "see ***, there"


def test_the_password_of_a_url_is_masked_and_the_rest_of_it_is_not() -> None:
    assert (
        secrets.masked("store", "postgresql://me:hunter2@db:5432/runs")
        == "postgresql://me:***@db:5432/runs"
    )


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ('password = "hunter22"\n', 'password = "***"\n'),
        ("{'api_key': 'abcdefgh'}", "{'api_key': '***'}"),
        ("+    SECRET='a-b-c-d-e'", "+    SECRET='***'"),
        ("connect(auth_token='0123456')", "connect(auth_token='***')"),
        ('password = os.environ["PASSWORD"]\n', 'password = os.environ["PASSWORD"]\n'),
        ("key = 'name'\r\nlr = 0.1\r\n", "key = 'name'\r\nlr = 0.1\r\n"),
    ],
)
def test_code_is_shown_without_the_secrets_in_it(code: str, shown: str) -> None:
    assert secrets.masked_code(code) == shown


def test_a_file_of_any_encoding_keeps_its_bytes() -> None:
    data = b"name = '\xe9\xff'\nsecret = 'hidden-thing'\n"
    assert secrets.masked_bytes(data) == b"name = '\xe9\xff'\nsecret = '***'\n"
