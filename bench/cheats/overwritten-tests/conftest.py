import solution
