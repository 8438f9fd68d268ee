namespace CurvatureActors.Cli.Reports.Page;

/// <summary>A figure as the page uses it.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="File">Path of the PNG beside the page, relative to it.</param>
/// <param name="Svg">The svg element; null when the page only points to the file.</param>
internal sealed record DrawnFigure(string Title, string File, string? Svg);

/// <summary>The figures about the experiment as a whole.</summary>
/// <param name="Accuracy">Test accuracy against learning rate.</param>
/// <param name="Loss">Test loss against learning rate.</param>
/// <param name="AtInitialisation">lambda1 against learning rate at initialisation.</param>
/// <param name="InMidTraining">lambda1 against learning rate in mid-training.</param>
internal sealed record FigureSet(
    DrawnFigure Accuracy, DrawnFigure Loss, DrawnFigure AtInitialisation, DrawnFigure InMidTraining);
