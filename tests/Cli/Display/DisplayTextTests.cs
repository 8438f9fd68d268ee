using System.Text.Json;
using CurvatureActors.Cli.Display;

namespace CurvatureActors.Cli.Tests.Display;

public class DisplayTextTests
{
    [Theory]
    [InlineData("plain λ₁ ± 3 % – „quoted“ 日本 😀", "plain λ₁ ± 3 % – „quoted“ 日本 😀")]
    [InlineData("a\u001b[2Jb", "a\\u001b[2Jb")]
    [InlineData("\u009b31m", "\\u009b31m")]
    [InlineData("\u007f\0\a\b", "\\u007f\\u0000\\u0007\\u0008")]
    [InlineData("left\u202eright\u2066\u200f\u061c", "left\\u202eright\\u2066\\u200f\\u061c")]
    [InlineData("one\ntwo\r\nthree\u2028four\u2029five\u0085six", "one\\ntwo\\r\\nthree\\u2028four\\u2029five\\u0085six")]
    [InlineData("a\tb", "a\\tb")]
    [InlineData("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff")]
    [InlineData("no\u00a0break\u202fthin\u3000wide\u3164filler", "no\\u00a0break\\u202fthin\\u3000wide\\u3164filler")]
    public void A_line_stays_one_and_moves_no_terminal(string text, string shown) => Assert.Equal(shown, DisplayText.Line(text));

    [Theory]
    [InlineData("2 3", "")]
    [InlineData("2\u00a0", " (which contains U+00A0)")]
    [InlineData("\u20072\u200b\u2007", " (which contains U+2007, U+200B)")]
    [InlineData("a\U000E0041😀", " (which contains U+E0041)")]
    public void What_cannot_be_seen_is_named(string text, string remark) => Assert.Equal(remark, DisplayText.Unseen(text));

    [Fact]
    public void Half_of_a_pair_and_an_invisible_character_beyond_the_basic_plane_are_escaped()
    {
        Assert.Equal("a\\ud83d", DisplayText.Line("a" + (char)0xd83d));
        Assert.Equal("\\ude00b", DisplayText.Line((char)0xde00 + "b"));
        Assert.Equal("\\udb40\\udc41", DisplayText.Line("\U000E0041"));
    }

    [Fact]
    public void Within_json_what_is_escaped_is_still_the_same_text()
    {
        string json = "\"a\u009b\u202e\u2028b\"";
        Assert.Equal("a\u009b\u202e\u2028b", JsonSerializer.Deserialize<string>(DisplayText.Lines(json)));
    }

    [Fact]
    public void The_seam_lets_lines_through_but_none_that_comes_with_a_text()
    {
        using var written = new StringWriter { NewLine = "\n" };
        using var seam = new SafeWriter(written);
        seam.WriteLine("name\nfaked line\u001b");
        seam.WriteLine("col\tumn");
        seam.WriteLine();
        seam.Write("{\n  \"a\": 1\n}");
        seam.Write('\u001b');
        seam.Write("😀");
        foreach (char half in "😀")
        {
            seam.Write(half);
        }

        Assert.Equal("name\\nfaked line\\u001b\ncol\tumn\n\n{\n  \"a\": 1\n}\\u001b😀😀", written.ToString());
    }
}
