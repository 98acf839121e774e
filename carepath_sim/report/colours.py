"""Colours of pictures: the palette of UK public bodies, readable for colour-blind people."""

BLUE = "#12436D"
TEAL = "#28A197"
PLUM = "#801650"
ORANGE = "#F46A25"
GREY = "#3D3D3D"
LILAC = "#A285D1"
RED = "#B1391B"

SERIES = (BLUE, ORANGE, TEAL, PLUM, LILAC, GREY)
"""Lines of several scenarios or pools, in this order."""

PLACES = (BLUE, "#1B6E66", PLUM, "#A33F0D", "#5B3F94", GREY)
"""Bars with white words in them (contrast at least 4.5 to 1)."""
