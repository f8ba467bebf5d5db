import os

def broken(:
