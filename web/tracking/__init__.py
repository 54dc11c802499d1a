"""The coordinator's tracker."""
