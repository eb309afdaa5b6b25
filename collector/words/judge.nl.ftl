# Sentences of the room `judge`.
