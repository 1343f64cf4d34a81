"""The drawing engine: how pictures are described, arranged and drawn.

=============  =====================================================================================================
`theme`        `Theme`: colours. `style`: `Style`, a theme at a size (lengths, fonts), and `Entrant`, how an optimizer
               appears.
`items`        `Label`, `Strokes` and `Picture`: all that is ever drawn, in page pixels.
`painter`      `Page`: items as artists of a Figure. `canvas`: `Canvas`, items straight onto pixels.
`axis`         `Axis`: how quantities are spaced, and which of them have a label.
`panel`        `Panel`: two axes and the `Mark` s in their coordinates. A mark knows data, the panel gives places.
`course`       How a path runs on a panel, and where a runner is in each frame. `scene`: `Scene`, a panel in which a
               landscape stands as a block (`solid`), seen by a `camera`; `horizon` says what of it is seen.
`boxes`        `Block`, `Row`, `Column`, `Grid`: who gets which box. `key`: keys, bars of colours and words. `table`:
               entrants with their values.
`sheet`        `Sheet`: header, body and footer, the run's facts; gives a page for any frame.
`animation`    `Player`: the frames of a sheet.
=============  =====================================================================================================

A picture makes marks and blocks from a result, arranges them in rows and columns, and hands them to a sheet. Places
depend on sizes and on measured text, so that they are known before anything is drawn.
"""
