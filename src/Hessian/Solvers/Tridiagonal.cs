namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// Eigenvalues of a symmetric tridiagonal matrix by QL with implicit shifts (tql2 of EISPACK; Wilkinson and Reinsch 1971,
/// II/4). It runs after every Lanczos step, where only one row of the eigenvectors is of interest: that takes O(m^2)
/// without a native call.
/// </summary>
internal static class Tridiagonal
{
    private const int MaximumSweeps = 60;

    /// <summary>Eigenvalues, largest first, and the wanted rows of the matrix of eigenvectors in the same order.</summary>
    /// <param name="diagonal">m entries.</param>
    /// <param name="offDiagonal">At least m - 1 entries; those beyond are not read.</param>
    /// <param name="rows">Which components of the eigenvectors to follow.</param>
    /// <returns>Values [m], and for each wanted row r the components Rows[i][j] = (eigenvector j)[r].</returns>
    internal static (double[] Values, double[][] Rows) Solve(
        IReadOnlyList<double> diagonal, IReadOnlyList<double> offDiagonal, params int[] rows)
    {
        int size = diagonal.Count;
        double[] d = [.. diagonal];
        double[] e = new double[size];
        for (int i = 0; i < size - 1; i++)
        {
            e[i] = offDiagonal[i];
        }

        double[][] z = [.. rows.Select(row => Unit(size, row))];
        for (int low = 0; low < size; low++)
        {
            for (int sweep = 0; ; sweep++)
            {
                int high = low;
                while (high < size - 1 && !Negligible(e[high], d[high], d[high + 1]))
                {
                    high++;
                }

                if (high == low)
                {
                    break;
                }

                if (sweep == MaximumSweeps)
                {
                    throw new ArithmeticException("The tridiagonal eigenproblem did not converge.");
                }

                Sweep(d, e, z, low, high);
            }
        }

        int[] order = [.. Enumerable.Range(0, size).OrderByDescending(i => d[i])];
        return ([.. order.Select(i => d[i])], [.. z.Select(row => order.Select(i => row[i]).ToArray())]);
    }

    private static void Sweep(double[] d, double[] e, double[][] z, int low, int high)
    {
        double g = (d[low + 1] - d[low]) / (2 * e[low]);
        double r = Hypotenuse(g, 1);
        g = d[high] - d[low] + e[low] / (g + Math.CopySign(r, g));
        double sine = 1, cosine = 1, shift = 0;
        int i;
        for (i = high - 1; i >= low; i--)
        {
            double f = sine * e[i];
            double b = cosine * e[i];
            e[i + 1] = r = Hypotenuse(f, g);
            if (r == 0)
            {
                // The matrix split on the way: take back the shift and begin again.
                d[i + 1] -= shift;
                e[high] = 0;
                break;
            }

            sine = f / r;
            cosine = g / r;
            g = d[i + 1] - shift;
            r = (d[i] - g) * sine + 2 * cosine * b;
            shift = sine * r;
            d[i + 1] = g + shift;
            g = cosine * r - b;
            foreach (double[] row in z)
            {
                double upper = row[i + 1];
                row[i + 1] = sine * row[i] + cosine * upper;
                row[i] = cosine * row[i] - sine * upper;
            }
        }

        if (r == 0 && i >= low)
        {
            return;
        }

        d[low] -= shift;
        e[low] = g;
        e[high] = 0;
    }

    private static bool Negligible(double coupling, double left, double right)
    {
        double scale = Math.Abs(left) + Math.Abs(right);
        return Math.Abs(coupling) <= double.Epsilon || Math.Abs(coupling) + scale == scale;
    }

    private static double Hypotenuse(double a, double b) => double.Hypot(a, b);

    private static double[] Unit(int size, int index)
    {
        double[] unit = new double[size];
        unit[index] = 1;
        return unit;
    }
}
