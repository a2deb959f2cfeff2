"""Common first names of many countries, for the test that none of them is taken for another."""

FIRST_NAMES = """
Aaron Abby Abigail Adam Adele Adrian Agnes Ahmed Aisha Alan Albert Alessandro Alex Alexander Alice Alicia
Alina Alison Amanda Amber Amelia Amir Amy Ana Anders Andre Andrea Andreas Andrew Andy Angela Anita Anja Anna
Anne Annie Antonio Anton Arne Arthur Astrid Barbara Ben Benjamin Bernd Beth Betty Bianca Bill Bjorn Bob
Boris Brandon Brian Bruno Camila Carl Carla Carlos Carmen Carol Caroline Cathy Cecilia Chantal Charles
Charlie Chen Chloe Chris Christian Christina Claire Clara Clemens Cole Connor Craig Cristina Cynthia Dale
Damien Dan Dana Daniel Daniela Danny Dave David Dean Deborah Denis Dennis Diana Diego Dirk Dmitri Dominic
Donald Donna Dora Doris Dylan Eddie Edith Edward Elena Eli Elias Elisa Ella Ellen Elsa Emil Emily Emma Enzo
Eric Erica Erik Ernst Ethan Eva Evan Eve Fatima Felix Fiona Florian Frank Frida Fritz Gary George Gerald
Gerd Gina Giulia Gloria Grace Greg Greta Gustav Hana Hannah Hans Harald Harry Heidi Helen Helga Henry Holly
Hugo Ian Ibrahim Ida Igor Ines Ingrid Irene Iris Irina Isabel Ivan Jack Jacob Jade Jake James Jamie Jan Jane
Janet Jasmin Jason Jean Jeff Jennifer Jenny Jeremy Jess Jessica Jim Joan Joanna Joe Joel Johan John Jon
Jonas Jordan Jorge Jose Joseph Josh Juan Judy Jules Julia Julian Julie Jun Justin Kai Karen Karin Karl Kate
Katja Keith Kelly Ken Kevin Kim Klaus Kurt Kyle Lara Larry Lars Laura Lea Lee Leila Lena Leo Leon Liam Lily
Lina Linda Lisa Liu Logan Lola Lorenzo Louis Luca Lucas Lucy Luis Luke Luna Lynn Maja Mara Marc Marco Maria
Marie Mario Mark Marta Martin Mary Mateo Matt Max Maya Megan Mei Mia Michael Mike Mila Milan Ming Mira
Mohamed Mona Nadia Nancy Naomi Nasser Nick Nicole Nina Noah Noel Nora Olaf Olga Oliver Olivia Oscar Otto
Pablo Pamela Patrick Paul Paula Pedro Peter Petra Phil Pia Pierre Rachel Ralf Rana Ravi Ray Rebecca Rene
Rita Rob Robert Robin Roland Roman Ron Rosa Rose Ruth Ryan Sally Sam Sandra Sara Scott Sean Simon Sofia
Sonja Stan Stefan Steve Sue Susan Sven Sylvia Tamara Tanja Tara Ted Thomas Tim Tina Tobias Todd Tom Tony
Tyler Ulrich Ursula Uwe Vera Vicky Victor Wang Wei Wendy Will Xavier Yan Yasmin Yuki Yusuf Zara Zoe
""".split()  # noqa: SIM905
