# Sentences of the room `console`.
