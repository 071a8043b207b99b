def test_ex6():
    pass
