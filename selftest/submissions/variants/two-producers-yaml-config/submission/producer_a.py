from station import Station

# sensoren 1 t/m 3
if __name__ == "__main__":
    Station("station-a", (1, 2, 3)).draai()
