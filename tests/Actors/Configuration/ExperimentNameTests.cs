using CurvatureActors.Actors.Configuration;

namespace CurvatureActors.Actors.Tests.Configuration;

public class ExperimentNameTests
{
    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("...")]
    [InlineData("a.")]
    [InlineData("a ")]
    [InlineData(" a")]
    [InlineData("NUL")]
    [InlineData("com7.x")]
    [InlineData("a/../b")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    [InlineData("a\u00A0")]
    public void A_name_that_is_no_folder_is_refused(string name)
    {
        string message = Assert.Throws<ConfigurationException>(() => ExperimentLoader.LoadText(
            $"curvature.experiment.name = {ConfigurationValue.Quote(name)}", "x", [])).Message;
        Assert.StartsWith("curvature.experiment.name is \"", message, StringComparison.Ordinal);
        Assert.EndsWith($"; allowed is {ExperimentName.Allowed}.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".hidden")]
    [InlineData("v1.2")]
    [InlineData("-x_ y")]
    [InlineData("console")]
    [InlineData("..a")]
    public void Any_other_is_a_folder_directly_below_the_reports(string name)
    {
        Assert.Equal(name, ExperimentLoader.LoadText($"curvature.experiment.name = \"{name}\"", "x", []).Name);
        Assert.Equal("/reports", Path.GetDirectoryName(Path.GetFullPath(Path.Combine("/reports", name))));
    }

    // An earlier version let these into its journals.
    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a.")]
    [InlineData("ok")]
    public void The_folder_of_any_name_is_below_the_reports(string name) => Assert.Equal(
        "/reports", Path.GetDirectoryName(Path.GetFullPath(Path.Combine("/reports", ExperimentName.Folder(name)))));

    [Fact]
    public void A_device_without_end_is_no_configuration() => Assert.Equal(
        "/dev/zero has more than 16 megabytes; a configuration file is expected.",
        Assert.Throws<ConfigurationException>(() => ExperimentLoader.Load("/dev/zero", [])).Message);

    [Fact]
    public void An_empty_name_of_a_file_is_named_as_that() => Assert.Equal(
        "The name of the configuration file is empty.",
        Assert.Throws<ConfigurationException>(() => ExperimentLoader.Load("", [])).Message);
}
