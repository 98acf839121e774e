.PHONY: demo test coverage lint docs bench

demo: ; @python3 tasks.py demo
test: ; @python3 tasks.py test
coverage: ; @python3 tasks.py coverage
lint: ; @python3 tasks.py lint
docs: ; @python3 tasks.py docs
bench: ; @python3 tasks.py bench
