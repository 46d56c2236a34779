module benchtool

go 1.26
