"""The web console: builds it with the Node.js of our lock, and describes this machine to it.

node.py      runs Node.js and npm
reasons.py   says why they failed
building.py  builds the console if its sources changed
__main__.py  builds, generates the API's types and checks the sources on demand
"""
