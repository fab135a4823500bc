"""Other programs read the melodies that are written: Python's wave and XML modules, a reader of MIDI files that shares
nothing with the writer, and abc2midi and midicsv where they are installed.

    melody_files_test.py MELODY_FILES
"""

import csv
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import wave
import xml.etree.ElementTree

PROGRAM = sys.argv.pop(1)
COUNT = 100


def variable_length(data, at):
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def read_midi(data):
    """Format, ticks of a quarter, and for each track its events: (time, status or meta type, content)."""
    kind, size, form, count, division = struct.unpack(">4sIHHH", data[:14])
    assert (kind, size) == (b"MThd", 6), (kind, size)
    tracks, at = [], 14
    for _ in range(count):
        kind, size = struct.unpack(">4sI", data[at:at + 8])
        assert kind == b"MTrk", kind
        end, at, now, events = at + 8 + size, at + 8, 0, []
        while at < end:
            delta, at = variable_length(data, at)
            now += delta
            status = data[at]
            if status == 0xFF:
                meta = data[at + 1]
                length, at = variable_length(data, at + 2)
                events.append((now, 0xFF00 | meta, data[at:at + length]))
                at += length
            else:
                assert status & 0x80, "a status byte"
                length = 1 if status & 0xF0 in (0xC0, 0xD0) else 2
                assert all(byte < 0x80 for byte in data[at + 1:at + 1 + length])
                events.append((now, status, data[at + 1:at + 1 + length]))
                at += 1 + length
        assert at == end and events[-1][1] == 0xFF2F, "a track ends where it says"
        tracks.append(events)
    assert at == len(data), "nothing follows upon the last track"
    return form, division, tracks


def notes_of(events):
    """(begin, end, pitch) of each note, in the order of their beginnings."""
    sounding, notes = {}, []
    for now, status, content in events:
        if status & 0xF0 == 0x90 and status < 0xFF00 and content[1] > 0:
            assert content[0] not in sounding, "a note begins while it sounds"
            sounding[content[0]] = now
        elif status < 0xFF00 and status & 0xF0 in (0x80, 0x90):
            notes.append((sounding.pop(content[0]), now, content[0]))
    assert not sounding, "every note ends"
    return sorted(notes)


class MelodyFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        lines = subprocess.run([PROGRAM, cls.folder, str(COUNT)], check=True, stdout=subprocess.PIPE, text=True).stdout
        cls.bars, cls.tunes = [], []
        for line in lines.splitlines():
            bar, *events = line.split()
            cls.bars.append(int(bar))
            cls.tunes.append([tuple(map(int, event.split(":"))) for event in events])

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def expected_notes(self, i):
        now, notes = 0, []
        for pitch, duration in self.tunes[i]:
            if pitch >= 0:
                notes.append((now, now + duration, pitch))
            now += duration
        return notes

    def test_midi_files_hold_the_notes_at_their_times(self):
        for i in range(COUNT):
            form, division, tracks = read_midi((self.folder / f"{i}.mid").read_bytes())
            self.assertEqual((form, division, len(tracks)), (1, 10080, 2))
            self.assertEqual(notes_of(tracks[0]), self.expected_notes(i))
            meta = {status: content for _, status, content in tracks[0] if status >= 0xFF00}
            self.assertEqual(meta[0xFF03].decode(), f"Composed tune {i} of seed 11")
            beats, unit = meta[0xFF58][0], 2 ** meta[0xFF58][1]
            self.assertEqual(4 * 10080 * beats // unit, self.bars[i])
            tempo = 6e7 / int.from_bytes(meta[0xFF51], "big")
            self.assertAlmostEqual(tempo, 150 if unit == 8 else 112, places=3)
            self.assertTrue(notes_of(tracks[1]), "chords")

    def test_wave_files_are_what_they_say(self):
        for i in range(3):
            with wave.open(str(self.folder / f"{i}.wav")) as sound:
                self.assertEqual((sound.getnchannels(), sound.getsampwidth(), sound.getframerate()), (1, 2, 44100))
                data = sound.readframes(sound.getnframes())
                self.assertEqual(len(data), 2 * sound.getnframes())
            samples = struct.unpack(f"<{len(data) // 2}h", data)
            self.assertEqual(max(map(abs, samples)), round(0.9 * 32767))
            size = (self.folder / f"{i}.wav").stat().st_size
            self.assertEqual(size, 44 + len(data))

    def test_drawings_are_xml_with_a_mark_for_every_note(self):
        for i in range(COUNT):
            root = xml.etree.ElementTree.parse(self.folder / f"{i}.svg").getroot()
            marks = [one for one in root.iter() if one.get("class") == "note"]
            self.assertEqual(len(marks), len(self.expected_notes(i)))

    @unittest.skipUnless(shutil.which("midicsv"), "midicsv is not installed")
    def test_midicsv_reads_the_same(self):
        for i in range(COUNT):
            text = subprocess.run(["midicsv", self.folder / f"{i}.mid"], check=True, stdout=subprocess.PIPE).stdout
            notes, begun = [], {}
            for row in csv.reader(text.decode("latin-1").splitlines(), skipinitialspace=True):
                if row[0] == "1" and row[2] == "Note_on_c":
                    begun[row[4]] = int(row[1])
                elif row[0] == "1" and row[2] == "Note_off_c":
                    notes.append((begun.pop(row[4]), int(row[1]), int(row[4])))
            self.assertEqual(notes, self.expected_notes(i))

    @unittest.skipUnless(shutil.which("abc2midi"), "abc2midi is not installed")
    def test_abc2midi_reads_the_same_without_complaint(self):
        self.assertEqual(len(self.tunes), 2 * COUNT)
        for i in range(2 * COUNT):
            target = self.folder / "read.mid"
            # Without its own accompaniment and accents.
            run = subprocess.run(["abc2midi", self.folder / f"{i}.abc", "-o", target, "-NGUI", "-NFNP", "-NFER", "-NCOM"],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self.assertEqual(run.returncode, 0, run.stdout)
            self.assertNotRegex(run.stdout, "(?i)error|warning")
            _, division, tracks = read_midi_with_running_status(target.read_bytes())
            melody = [notes_of(track) for track in tracks]
            wanted = self.expected_notes(i)
            read = [notes for notes in melody if [note[2] for note in notes] == [note[2] for note in wanted]]
            self.assertTrue(read, f"the notes of tune {i}")
            for (begin, _, _), (wanted_begin, _, _) in zip(read[0], wanted):
                self.assertAlmostEqual(begin / division, wanted_begin / 10080, delta=0.05)


def read_midi_with_running_status(data):
    """As read_midi, for files that leave out a status which is the same as before."""
    out, at = bytearray(data[:14]), 14
    for _ in range(struct.unpack(">H", data[10:12])[0]):
        size = struct.unpack(">I", data[at + 4:at + 8])[0]
        end, at, track, status = at + 8 + size, at + 8, bytearray(), 0
        while at < end:
            begin = at
            _, at = variable_length(data, at)
            track += data[begin:at]
            if data[at] & 0x80:
                status = data[at]
                at += 1
            track.append(status)
            begin = at
            if status == 0xFF:
                length, at = variable_length(data, at + 1)
                at += length
            elif status in (0xF0, 0xF7):
                length, at = variable_length(data, at)
                at += length
            else:
                at += 1 if status & 0xF0 in (0xC0, 0xD0) else 2
            track += data[begin:at]
        out += b"MTrk" + struct.pack(">I", len(track)) + track
    return read_midi(bytes(out))


if __name__ == "__main__":
    unittest.main()
