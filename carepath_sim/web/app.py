"""The script that Streamlit runs, once for every click of every person."""

from carepath_sim.web.page import page

if __name__ == "__main__":
    page()
