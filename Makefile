.PHONY: demo test coverage lint bench

demo: ; @python3 tasks.py demo
test: ; @python3 tasks.py test
coverage: ; @python3 tasks.py coverage
lint: ; @python3 tasks.py lint
bench: ; @python3 tasks.py bench
