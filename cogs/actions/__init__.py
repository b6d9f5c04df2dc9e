"""What members do with a video: buttons, menus, reactions, replies."""
