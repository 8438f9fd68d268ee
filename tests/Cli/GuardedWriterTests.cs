namespace CurvatureActors.Cli.Tests;

public sealed class GuardedWriterTests
{
    [Fact]
    public void Given_a_writer_that_fails_then_it_is_told_once_and_nothing_is_thrown()
    {
        var inner = new Failing();
        List<string> told = [];
        var writer = new GuardedWriter(inner, error => told.Add(error.Message));

        writer.WriteLine("first");
        inner.Fails = true;
        writer.Write("second");
        writer.Write('x');
        writer.WriteLine();
        writer.Flush();
        inner.Fails = false;
        writer.WriteLine("third");

        Assert.Equal(["no room"], told);
        Assert.Equal("first\n", inner.Text.ToString());
    }

    [Fact]
    public void Given_another_error_than_of_the_stream_then_it_is_not_hidden() =>
        Assert.Throws<ObjectDisposedException>(() => new GuardedWriter(Disposed(), _ => { }).WriteLine("x"));

    private static StringWriter Disposed()
    {
        var writer = new StringWriter();
        writer.Dispose();
        return writer;
    }

    private sealed class Failing : StringWriter
    {
        public Failing() => NewLine = "\n";

        public bool Fails { get; set; }

        public System.Text.StringBuilder Text => GetStringBuilder();

        public override void Write(char value) => Try(() => base.Write(value));

        public override void Write(string? value) => Try(() => base.Write(value));

        public override void Write(char[] buffer, int index, int count) => Try(() => base.Write(buffer, index, count));

        public override void WriteLine() => Try(() => base.WriteLine());

        public override void WriteLine(string? value) => Try(() => base.WriteLine(value));

        public override void Flush() => Try(base.Flush);

        private void Try(Action write)
        {
            if (Fails)
            {
                throw new IOException("no room");
            }

            write();
        }
    }
}
