def connect():
    raise OSError("no route to the database")
