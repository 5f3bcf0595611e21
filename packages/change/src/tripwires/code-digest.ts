/** SHA-256 of the code of the hard rules, written by tools/tripwire-code.mjs. */
export const CODE_DIGEST = '0678300279643ecdeae8687bb104beb76a8cb5e0119a292d8fb78b432d7c7808';
