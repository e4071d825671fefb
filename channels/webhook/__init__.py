"""Any other system: signed JSON in and out, after Standard Webhooks (standardwebhooks.com)."""
