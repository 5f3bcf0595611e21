/**
 * A licence that Python 3.11 read, wrote canonically and signed (cryptography 48, key of RFC 8032 section 7.1 TEST 2),
 * with every kind of number and an equal key twice.
 */
export const PYTHON_LICENSE = String.raw`{"schema_version": "license.v1", "org": "Beispiel \u00e9 GmbH / \ud83d\ude00", "org": "Example \u00e9 \ud83d\ude00",
  "issued_at": 1700000000, "expires_at": 2000000000,
  "entitlements": ["apply", " observe ", "apply"], "bindings": {}, "kid": "first",
  "seats": 123456789012345678901234567890, "rate": 1.0, "tiny": 1e-7, "huge": 1E16, "minus": -0.0, "zero": -0,
  "precise": 0.30000000000000004, "over": 1e999, "nan": NaN,
  "nested": {"\ud83d\ude00": 1, "\uffff": [2.50, {"b": null, "a": true}]}, "note": "tab\tquote\"\u007f\/",
  "signature": "hFWSwtznL7K+rQToQl2pIZiYlLmwo9/hPvYbCioY1SFsseU13GRA7eiJiWS9wKKs8gHnulpO9feMBR/v2Y6YCQ=="}`;

export const PYTHON_KEYRING = '{"first": "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="}';
