from station import Station

# sensoren 4 t/m 6
if __name__ == "__main__":
    Station("station-b", (4, 5, 6)).draai()
