"""Managed bots: tokens and access, for their managing bot alone."""

from moorings.emulators.arguments import Arguments
from moorings.emulators.contract import Answer
from moorings.emulators.telegram.answers import bad, done
from moorings.emulators.telegram.world import Bot, World

MOST_USERS = 10


def get_token(world: World, manager: Bot, given: Arguments) -> Answer:
    """The present token, a bare text."""
    return done(_managed(world, manager, given).token)


def replace_token(world: World, manager: Bot, given: Arguments) -> Answer:
    """A new token; the manager hears of its own doing as of anybody's."""
    bot = _managed(world, manager, given)
    token = world.replace_token(bot)
    world.announce(bot)
    return done(token)


def get_access(world: World, manager: Bot, given: Arguments) -> Answer:
    """Who may write to the bot."""
    allowed = _managed(world, manager, given).restricted_to
    if allowed is None:
        return done({"is_access_restricted": False})
    return done({"is_access_restricted": True, "added_users": [world.person(user).user() for user in allowed]})


def set_access(world: World, manager: Bot, given: Arguments) -> Answer:
    """Its owner may always."""
    restricted = given.flag("is_access_restricted")
    users = _users(world, given) if restricted and given.text("added_user_ids") else []
    bot = _managed(world, manager, given)
    bot.restricted_to = users if restricted else None
    return done(True)  # noqa: FBT003 - the API's own result


def _users(world: World, given: Arguments) -> list[int]:
    users = given.value("added_user_ids")
    if not isinstance(users, list):
        raise bad("expected an Array of user identifiers")
    if len(users) > MOST_USERS:
        raise bad("too many user identifiers specified")
    if not all(isinstance(user, int) and user > 0 for user in users):
        raise bad("invalid user identifier specified")
    if any(user not in world.people for user in users):
        raise bad("user not found")
    return users


def _managed(world: World, manager: Bot, given: Arguments) -> Bot:
    user_id = given.integer("user_id")
    if user_id <= 0:
        raise bad("invalid user_id specified")
    bot = world.bots.get(user_id)
    if bot is None and user_id not in world.people:
        raise bad("user not found")
    if bot is None or bot.manager_id != manager.id or not manager.manages:
        raise bad("BOT_INVALID")
    return bot
