/* What the pages add to plain HTML: nothing here is needed to read or to follow a link. */
