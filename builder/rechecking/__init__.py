"""Whether old posts still show what they showed."""
