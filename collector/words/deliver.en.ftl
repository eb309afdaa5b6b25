# Sentences of the room `deliver`.
