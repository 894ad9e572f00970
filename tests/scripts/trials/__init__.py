"""Tests of scripts/trials/."""
